/** Money travels as decimal strings and is never a float here: it is only written, and compared by its digits. */

/** "1250.5" -> "1,250.50". */
export function money(amount: string): string {
  const [whole = "0", part = ""] = amount.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part.padEnd(2, "0").slice(0, 2)}`;
}

/** In hundredths, to compare and to add. */
export function hundredths(amount: string): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(whole || "0") * 100n + BigInt(part.padEnd(2, "0").slice(0, 2));
}

/** The sum of amounts; what is no amount counts as nothing. */
export function sum(amounts: readonly string[]): string {
  const total = amounts.filter((one) => MONEY.test(one)).reduce((all, one) => all + hundredths(one), 0n);
  return `${total / 100n}.${String(total % 100n).padStart(2, "0")}`;
}

/** domain/parts/offers.py `Money`. */
export const MONEY = /^(0|[1-9]\d{0,8})(\.\d{1,2})?$/;
