/** What a share allows, as a form. */
import type { JSX } from "preact";
import { Field } from "../../components/field";
import { localMoment, momentOf } from "../../format/time";

export interface ShareRules {
  allow_comments: boolean;
  allow_voting: boolean;
  is_public: boolean;
  /** Unix milliseconds; null: for good. */
  expires_at: number | null;
}

interface RulesProps {
  rules: ShareRules;
  onRules: (rules: ShareRules) => void;
}

export function Rules({ rules, onRules }: RulesProps): JSX.Element {
  const tick = (key: "allow_comments" | "allow_voting" | "is_public", words: string): JSX.Element => (
    <label class="role">
      <input
        type="checkbox"
        checked={rules[key]}
        onChange={(event) => onRules({ ...rules, [key]: event.currentTarget.checked })}
      />
      {words}
    </label>
  );
  return (
    <>
      <fieldset class="roles">
        <legend>Who may do what</legend>
        {tick("is_public", "Whoever has the link may come in")}
        {tick("allow_comments", "Friends may comment")}
        {tick("allow_voting", "Friends may vote")}
      </fieldset>
      <Field
        label="Open until"
        hint="Empty: for good."
        value={rules.expires_at === null ? "" : localMoment(rules.expires_at)}
        onValue={(value) => onRules({ ...rules, expires_at: momentOf(value) })}
        input={{ type: "datetime-local" }}
      />
    </>
  );
}
