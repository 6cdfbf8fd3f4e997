"""One page of what drills, broken servers, simulation, fuzzing and the Autobahn suite have shown last: ``docs/proof.md``."""
