/** The questionnaire's sentences, which are loaded with it. */

import i18next from "i18next";
import { language } from "../language";
import de from "../messages/preferences.de.json";
import en from "../messages/preferences.en.json";
import type { Group, Name } from "./questions";

const NAMESPACE = "preferences";
i18next.addResourceBundle("en", NAMESPACE, en);
i18next.addResourceBundle("de", NAMESPACE, de);

const say = (key: string, defaultValue = key) =>
  i18next.t(key, { ns: NAMESPACE, lng: language.value, defaultValue });

export type Word = keyof typeof en;

export const t = (key: Word | Group["title"] | Name) => say(key);

/** What an answer is called: a word of ours, a language, or what somebody else's client has stored. */
export function answerName(question: Name, answer: string): string {
  if (question === "languagePreferences" && /^[a-z]{2}$/.test(answer))
    return new Intl.DisplayNames(language.value, { type: "language" }).of(answer) ?? answer;
  return say(`${question}.${answer}`, say(`answer.${answer}`, answer));
}
