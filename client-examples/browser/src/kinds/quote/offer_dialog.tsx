/** Making an offer, or changing it: four parts of a price, their sum, how long it takes, how long it is good. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { Dialog } from "../../components/dialog";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { MONEY, money, sum } from "../../format/money";
import { localMoment, momentOf } from "../../format/time";
import type { QuoteRoom } from "./manner";
import type { Pricing, Quote, RequestFace } from "./types";

interface OfferDialogProps {
  request: RequestFace;
  /** The open offer that is revised; null for a new one. */
  quote: Quote | null;
  room: QuoteRoom;
  onClose: () => void;
}

const PARTS: Record<keyof Pricing, string> = {
  basePrice: "Base",
  customization: "Customization",
  materials: "Materials",
  shipping: "Shipping",
};
const NOTHING: Pricing = { basePrice: "", customization: "0", materials: "0", shipping: "0" };

export function OfferDialog({ request, quote, room, onClose }: OfferDialogProps): JSX.Element {
  const [pricing, setPricing] = useState<Pricing>(quote?.pricing ?? NOTHING);
  const [days, setDays] = useState(String(quote?.estimated_days ?? ""));
  const [notes, setNotes] = useState(quote?.notes ?? "");
  const [until, setUntil] = useState(localMoment(quote?.expires_at ?? request.expires_at));
  const asking = useAsking();
  const parts = Object.keys(PARTS) as (keyof Pricing)[];
  const isWhole = parts.every((part) => MONEY.test(pricing[part])) && /^\d{1,4}$/.test(days) && momentOf(until) !== null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const offer = { pricing, estimated_days: Number(days), notes: notes.trim(), expires_at: momentOf(until) };
    if (await asking.ask(() => room.give(quote ? "revise_quote" : "submit_quote", offer))) onClose();
  };
  return (
    <Dialog title={quote ? "Revise the offer" : "Make an offer"} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <div class="form-pair">
          {parts.map((part) => (
            <Field
              key={part}
              label={PARTS[part]}
              value={pricing[part]}
              onValue={(amount) => setPricing({ ...pricing, [part]: amount.replace(",", ".").trim() })}
              input={{ inputmode: "decimal", pattern: MONEY.source.slice(1, -1), autocomplete: "off" }}
              isRequired
            />
          ))}
        </div>
        <p class="price-sum">
          Total <output>{money(sum(parts.map((part) => pricing[part])))}</output>
        </p>
        <div class="form-pair form-pair-end">
          <Field label="Days" value={days} onValue={setDays} input={{ inputmode: "numeric", pattern: "[0-9]{1,4}" }} isRequired />
          <Field label="Good until" value={until} onValue={setUntil} input={{ type: "datetime-local" }} isRequired />
        </div>
        <Field label="Notes" value={notes} onValue={setNotes} lines={3} maxLength={20_000} />
        <div class="actions">
          <button type="submit" class="button button-primary" disabled={!isWhole} aria-busy={asking.isAsking}>
            {quote ? "Revise" : "Make the offer"}
          </button>
          <AskState asking={asking} />
        </div>
      </form>
    </Dialog>
  );
}
