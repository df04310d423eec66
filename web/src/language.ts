/** The page's language: the browser's, or the one chosen here; messages are in messages/. */

import { effect, signal } from "@preact/signals";
import i18next from "i18next";
import de from "./messages/de.json";
import en from "./messages/en.json";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "matinee.language";
const known = (name: string | null | undefined): name is Language => !!name && name in LANGUAGES;

function preferred(): Language {
  const chosen = localStorage.getItem(KEY);
  return known(chosen)
    ? chosen
    : (navigator.languages.map((tag) => tag.slice(0, 2)).find(known) ?? "en");
}

export const language = signal<Language>(preferred());

await i18next.init({
  lng: language.value,
  fallbackLng: "en",
  resources: { en: { translation: en }, de: { translation: de } },
  interpolation: { escapeValue: false },
  returnEmptyString: false,
});

effect(() => {
  void i18next.changeLanguage(language.value);
  document.documentElement.lang = language.value;
});

export function choose(name: Language): void {
  localStorage.setItem(KEY, name);
  language.value = name;
}

export type Message = keyof typeof en;

/** A message in the page's language; whoever renders it is rendered again when that changes. */
export function t(key: Message, values: Record<string, unknown> = {}): string {
  return i18next.t(key as never, { ...values, lng: language.value } as never) as unknown as string;
}

/** The visitor's country, as far as the browser's language says it. */
export const country = () => new Intl.Locale(navigator.language).maximize().region ?? "US";

/** A date as people of this language write it. */
export const day = (iso: string) =>
  new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }).format(new Date(iso));
export const time = (iso: string) =>
  new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(iso),
  );
export const number = (value: number, digits = 1) =>
  new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(value);
