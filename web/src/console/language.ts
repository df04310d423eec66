/** The console's sentences, which are loaded with it. */

import i18next from "i18next";
import { language } from "../language";
import de from "../messages/console.de.json";
import en from "../messages/console.en.json";

const NAMESPACE = "console";
i18next.addResourceBundle("en", NAMESPACE, en);
i18next.addResourceBundle("de", NAMESPACE, de);

export type Word = keyof typeof en;

/** A message in the page's language; whoever renders it is rendered again when that changes. */
export function t(key: Word, values: Record<string, unknown> = {}): string {
  const options = { ...values, ns: NAMESPACE, lng: language.value };
  return i18next.t(key as never, options as never) as unknown as string;
}

export const clock = (moment: number | string) =>
  new Intl.DateTimeFormat(language.value, {
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).format(new Date(moment));

export const milliseconds = (value: number) =>
  new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: "millisecond",
    maximumFractionDigits: 0,
  }).format(value);
