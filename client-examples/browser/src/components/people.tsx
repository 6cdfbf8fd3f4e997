/** Who is here now. */
import type { JSX } from "preact";
import { counted, nameOf } from "../format/words";
import type { People } from "../wire/presence";
import { AuthorMark, Avatar } from "./avatar";

const FACES = 5;

/** A row of faces for the head of a room. */
export function Faces({ people }: { people: People }): JSX.Element {
  const all = [...(people?.values() ?? [])];
  const names = all.map(nameOf).join(", ");
  return (
    <span class="faces" role="img" aria-label={people ? `Here now: ${names || "nobody"}` : "Who is here is not known yet"}>
      {all.slice(0, FACES).map((actor) => (
        <Avatar key={actor.id} actor={actor} size="small" />
      ))}
      {all.length > FACES && <span class="faces-more">+{all.length - FACES}</span>}
    </span>
  );
}

export function PeopleList({ people, me }: { people: People; me: string }): JSX.Element {
  if (!people) return <p class="hint">Who is here is not known yet.</p>;
  return (
    <ul class="people" aria-label={`${counted(people.size, "person", "people")} here now`}>
      {[...people.values()].map((actor) => (
        <li key={actor.id}>
          <Avatar actor={actor} size="small" />
          <span>{nameOf(actor)}</span>
          {actor.id === me && <span class="mark">You</span>}
          <AuthorMark actor={actor} />
        </li>
      ))}
    </ul>
  );
}
