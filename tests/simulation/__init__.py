"""One seed, one course of events: the real node under a loop whose time, disk, network and database are pretended, and hurt.

::

    python -m tests.simulation --seeds 5000      thousands of courses; prints what was run, what was done to it and what was found
    python -m tests.simulation --seed 123        one of them again, exactly as it was
    python -m tests.simulation --bites           nodes that are broken on purpose, and how many seeds it takes to find each out

What is real: sessions and connections, the hub with its rooms, pump, rings and reactions; the journal with its segments, ledger,
recovery and trimming; write-behind with its projections, its one transaction and its retries; the rooms' log over both.

What is pretended: the event loop (``loop.py``: its clock jumps to the next timer, so an hour costs nothing), the clocks and random
numbers of the process (``takeover.py``), power cuts and failing writes of the disk (``disk.py``; the files are SQLite's own, on
memory where the machine has ``/dev/shm``), Postgres (``database.py``: transactions, locks, keys, and a line that may break at
any call), the network (``network.py``), people and bots (``client.py``).

What asyncio promises is kept: callbacks that are ready run in the order in which they became so. What it leaves open is drawn
from the seed: how long every wait for disk, database and network takes, and how late timers are.

What cannot run here, and is drilled in ``tests/drills`` instead: uvloop (it has its own loop in C), the sockets and uvicorn (the
transport is pretended), the committers in a thread and in a process and the storing process (another thread or process has its
own time; a committer that waits elsewhere stands in for the first two), Postgres itself (its SQL is recognised, not understood;
deferred constraints and types are not checked), HTTP, tokens' signatures, several nodes.
"""
