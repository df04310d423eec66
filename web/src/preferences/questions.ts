/** The questionnaire of preferences: every question that the product takes, and the answers to choose from. */

import type { components } from "../generated/rest";

export type Stored = components["schemas"]["StoredPreferences"];
export type Name = Exclude<
  keyof components["schemas"]["PreferencesChange"] & keyof Stored,
  "extra" | "updatedAt" | "questionnaireCompleted"
>;

/**
 * How a question is answered: by genres, a rating of each, several or one of a few words, words of
 * one's own, a text, a number between two, a country, or yes and no.
 */
export type Question = { name: Name } & (
  | { kind: "genres" | "scores" | "words" | "text" | "country" | "people" | "flag" }
  | { kind: "several" | "one"; options: readonly string[] }
  | { kind: "number"; min: number; max: number; step?: number }
);

export interface Group {
  title:
    | "groupGenres"
    | "groupWhat"
    | "groupMood"
    | "groupWhere"
    | "groupAvoid"
    | "groupPeople"
    | "groupRooms";
  questions: readonly Question[];
}

const languages = "en es fr de it pt ja ko zh hi ru sv da no fi nl pl tr".split(" ");

export const GROUPS: readonly Group[] = [
  {
    title: "groupGenres",
    questions: [
      { name: "favoriteGenres", kind: "genres" },
      { name: "dislikedGenres", kind: "genres" },
      { name: "genreRatings", kind: "scores" },
    ],
  },
  {
    title: "groupWhat",
    questions: [
      { name: "contentType", kind: "one", options: ["movies", "tv", "both"] },
      { name: "minRating", kind: "number", min: 0, max: 10, step: 0.5 },
      { name: "maxRating", kind: "number", min: 0, max: 10, step: 0.5 },
      { name: "releaseYearStart", kind: "number", min: 1870, max: 2100 },
      { name: "releaseYearEnd", kind: "number", min: 1870, max: 2100 },
      { name: "eraPreferences", kind: "several", options: ["classic", "modern", "recent"] },
      { name: "runtimePreference", kind: "one", options: ["short", "medium", "long", "any"] },
      { name: "maturityPreference", kind: "one", options: ["kids", "teens", "adults"] },
      { name: "languagePreferences", kind: "several", options: languages },
      {
        name: "internationalContentPreference",
        kind: "one",
        options: ["veryOpen", "someOpen", "dubbedOnly", "englishPreferred", "noPreference"],
      },
    ],
  },
  {
    title: "groupMood",
    questions: [
      {
        name: "moodPreferences",
        kind: "several",
        options: ["exciting", "thoughtful", "funny", "scary", "emotional", "relaxing", "romantic"],
      },
      {
        name: "subgenrePreferences",
        kind: "several",
        options:
          "superhero spy disaster dystopian cyberpunk biographical psychological satire slasher noir comingofage historical".split(
            " ",
          ),
      },
      {
        name: "criticalAcclaimPreferences",
        kind: "several",
        options: [
          "awardWinning",
          "criticallyAcclaimed",
          "underrated",
          "blockbuster",
          "cultClassic",
        ],
      },
      {
        name: "contentDiscoveryPreference",
        kind: "several",
        options: ["trending", "hiddenGems", "awardWinning", "classics", "newReleases"],
      },
      {
        name: "aestheticPreferences",
        kind: "several",
        options: ["visuallyStunning", "darkMoody", "colorful", "minimalist", "blackAndWhite"],
      },
      {
        name: "storyStructurePreferences",
        kind: "several",
        options: ["twist", "nonlinear", "linear", "anthology"],
      },
      {
        name: "characterPreferences",
        kind: "several",
        options: ["complexProtagonist", "ensemble", "antihero", "strongFemale", "underdog"],
      },
    ],
  },
  {
    title: "groupWhere",
    questions: [
      { name: "region", kind: "country" },
      {
        name: "streamingPlatforms",
        kind: "several",
        options: [
          "Netflix",
          "Disney+",
          "Amazon Prime Video",
          "Apple TV+",
          "Max",
          "Hulu",
          "Paramount+",
          "Peacock",
          "Crunchyroll",
          "MUBI",
        ],
      },
      {
        name: "watchingContext",
        kind: "several",
        options: ["alone", "partner", "family", "friends"],
      },
      {
        name: "watchingTime",
        kind: "several",
        options: ["morning", "afternoon", "evening", "lateNight", "weekend"],
      },
      {
        name: "viewingBehaviorPreference",
        kind: "several",
        options: ["binge", "oneAtATime", "rewatch"],
      },
    ],
  },
  {
    title: "groupAvoid",
    questions: [
      {
        name: "dealBreakers",
        kind: "several",
        options: [
          "violence",
          "sexualContent",
          "profanity",
          "slowPace",
          "cliffhangers",
          "openEndings",
          "animalHarm",
          "jumpScares",
          "subtitles",
          "blackAndWhite",
        ],
      },
    ],
  },
  {
    title: "groupPeople",
    questions: [
      { name: "favoritePeople", kind: "people" },
      { name: "keywords", kind: "words" },
      { name: "favoriteContent", kind: "text" },
    ],
  },
  {
    title: "groupRooms",
    questions: [
      { name: "keepMatches", kind: "flag" },
      { name: "learnFromSwipes", kind: "flag" },
    ],
  },
];

export type Answers = Partial<Record<Name, unknown>>;

/** An answer that says nothing deletes the stored one. */
const stated = (answer: unknown): unknown => {
  if (answer === undefined || answer === "") return null;
  if (Array.isArray(answer)) return answer.length ? answer : null;
  if (typeof answer !== "object" || answer === null) return answer;
  const parts = Object.entries(answer).map(([name, part]) => [name, stated(part)] as const);
  return parts.length ? Object.fromEntries(parts.sort()) : null;
};

/** The answers that are new: other devices' answers to other questions are left alone. */
export function changes(stored: Answers, answers: Answers): Answers {
  const changed = Object.entries(answers).filter(
    ([name, answer]) =>
      JSON.stringify(stated(answer)) !== JSON.stringify(stated(stored[name as Name])),
  );
  return Object.fromEntries(changed.map(([name, answer]) => [name, stated(answer)]));
}

/** Words as people type them: by commas. */
export const words = (text: string) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

/** An answer of one or several words as several. */
export const several = (answer: unknown): string[] =>
  (Array.isArray(answer) ? answer : answer ? [answer] : []).map(String);
