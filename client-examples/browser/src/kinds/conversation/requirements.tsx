/** What the conversation has found to be wanted, growing while one talks: what is new or changed is lit for a moment. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { plain, wordsOf } from "../../format/words";
import type { OpenObject } from "../../wire/types";

/** As long as the light fades (styles/chat.css). */
const LIT_MS = 2_400;

export function Requirements({ requirements }: { requirements: OpenObject }): JSX.Element {
  const lit = useChanged(requirements);
  const entries = Object.entries(requirements);
  if (entries.length === 0) return <p class="hint">Nothing yet. What you ask for is gathered here while you talk.</p>;
  return (
    <dl class="requirements">
      {entries.map(([key, value]) => (
        <div key={key} class={lit.has(key) ? "requirement-lit" : ""}>
          <dt>{wordsOf(key)}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function useChanged(requirements: OpenObject): ReadonlySet<string> {
  const before = useRef(requirements);
  const [lit, setLit] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const was = before.current;
    before.current = requirements;
    const keys = Object.keys(requirements).filter((key) => JSON.stringify(was[key]) !== JSON.stringify(requirements[key]));
    if (was === requirements || keys.length === 0) return;
    setLit(new Set(keys));
    const timer = setTimeout(() => setLit(new Set()), LIT_MS);
    return () => clearTimeout(timer);
  }, [requirements]);
  return lit;
}

function Value({ value }: { value: unknown }): JSX.Element {
  if (Array.isArray(value)) {
    return (
      <ul class="tags">
        {value.map((one, index) => (
          <li key={index}>{plain(one)}</li>
        ))}
      </ul>
    );
  }
  if (typeof value === "object" && value !== null) {
    return (
      <ul class="values">
        {Object.entries(value).map(([key, one]) => (
          <li key={key}>
            {wordsOf(key)}: {plain(one)}
          </li>
        ))}
      </ul>
    );
  }
  return <>{plain(value)}</>;
}
