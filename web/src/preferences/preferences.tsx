/** One's taste and habits: what recommendations and rooms go by. */

import { useSignal, type Signal } from "@preact/signals";
import { content, rest } from "../api/rest";
import { country, language, t as say } from "../language";
import { useGenres, type Genres } from "../ui/details";
import { Chips, Choice, Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { attempt, say as tell } from "../ui/toast";
import { answerName, t } from "./language";
import { changes, GROUPS, several, words, type Answers, type Question } from "./questions";

const COUNTRIES =
  "AR AT AU BE BR CA CH CL CO CZ DE DK ES FI FR GB GR HK HU ID IE IN IT JP KR MX NL NO NZ PE PH PL PT RO SE SG TH TR TW US ZA".split(
    " ",
  );
const MAX_SCORE = 10;

interface Asked {
  question: Question;
  answer: unknown;
  /** null deletes the answer. */
  change: (answer: unknown) => void;
  genres: Genres | null;
}

type Offered = Asked & { question: Extract<Question, { options: readonly string[] }> };

/** All genres, of films and of series. */
const genreOptions = (genres: Genres | null) =>
  [
    ...new Map(
      [...(genres?.movie ?? []), ...(genres?.tv ?? [])].map((one) => [one.id, one]),
    ).values(),
  ]
    .map(({ id, name }) => ({ value: id, name }))
    .sort((one, other) => one.name.localeCompare(other.name));

/** Our words, and those that are stored already: another client may have others. */
function withStored(options: readonly string[], stored: string[]): string[] {
  const known = new Set(options.map((option) => option.toLowerCase()));
  return [...options, ...stored.filter((answer) => !known.has(answer.toLowerCase()))];
}

function Several({ question, answer, change }: Offered) {
  const stored = several(answer);
  const options = withStored(question.options, stored);
  const isChosen = (option: string) =>
    stored.some((one) => one.toLowerCase() === option.toLowerCase());
  return (
    <Chips
      label={t(question.name)}
      options={options.map((value) => ({ value, name: answerName(question.name, value) }))}
      chosen={options.filter(isChosen)}
      change={change}
    />
  );
}

function One({ question, answer, change }: Offered) {
  const [stored = ""] = several(answer);
  return (
    <Choice
      label={t(question.name)}
      value={stored}
      onChange={(event) => change(event.currentTarget.value || null)}
    >
      <option value="">{t("noAnswer")}</option>
      {withStored(question.options, stored ? [stored] : []).map((option) => (
        <option key={option} value={option}>
          {answerName(question.name, option)}
        </option>
      ))}
    </Choice>
  );
}

function Country({ question, answer, change }: Asked) {
  const names = new Intl.DisplayNames(language.value, { type: "region" });
  const codes = new Set([...COUNTRIES, country(), ...several(answer)]);
  return (
    <Choice
      label={t(question.name)}
      value={String(answer ?? "")}
      onChange={(event) => change(event.currentTarget.value || null)}
    >
      <option value="">{t("noAnswer")}</option>
      {[...codes]
        .map((code) => ({ code, name: names.of(code) ?? code }))
        .sort((one, other) => one.name.localeCompare(other.name))
        .map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
    </Choice>
  );
}

function Scores({ question, answer, change, genres }: Asked) {
  const scores = (answer ?? {}) as Record<string, number>;
  const rate = (id: number, score: string) => {
    const { [id]: _, ...others } = scores;
    change(score ? { ...others, [id]: Number(score) } : others);
  };
  return (
    <details>
      <summary>{t(question.name)}</summary>
      <div class="scores">
        {genreOptions(genres).map(({ value, name }) => (
          <Field
            key={value}
            label={name}
            type="number"
            min={1}
            max={MAX_SCORE}
            value={scores[value] ?? ""}
            onChange={(event) => rate(value, event.currentTarget.value)}
          />
        ))}
      </div>
    </details>
  );
}

function People({ answer, change }: Asked) {
  const people = (answer ?? {}) as Record<"actors" | "directors", string[] | null>;
  return (
    <>
      {(["actors", "directors"] as const).map((kind) => (
        <Field
          key={kind}
          label={t(kind)}
          hint={t("byCommas")}
          value={people[kind]?.join(", ") ?? ""}
          onChange={(event) => change({ ...people, [kind]: words(event.currentTarget.value) })}
        />
      ))}
    </>
  );
}

/** The answer to one question. */
function Answer(asked: Asked) {
  const { question, answer, change, genres } = asked;
  const label = t(question.name);
  switch (question.kind) {
    case "several":
      return <Several {...asked} question={question} />;
    case "one":
      return <One {...asked} question={question} />;
    case "country":
      return <Country {...asked} />;
    case "scores":
      return <Scores {...asked} />;
    case "people":
      return <People {...asked} />;
    case "genres":
      return (
        <Chips
          label={label}
          options={genreOptions(genres)}
          chosen={several(answer).map(Number)}
          change={change}
        />
      );
    case "number":
      return (
        <Field
          label={label}
          type="number"
          min={question.min}
          max={question.max}
          step={question.step ?? 1}
          value={answer === null || answer === undefined ? "" : String(answer)}
          onChange={({ currentTarget: { value } }) => change(value === "" ? null : Number(value))}
        />
      );
    case "words":
      return (
        <Field
          label={label}
          hint={t("byCommas")}
          value={several(answer).join(", ")}
          onChange={(event) => change(words(event.currentTarget.value))}
        />
      );
    case "text":
      return (
        <Field
          label={label}
          maxLength={2000}
          value={String(answer ?? "")}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
    case "flag":
      return (
        <label class="flag">
          <input
            type="checkbox"
            checked={Boolean(answer)}
            onChange={(event) => change(event.currentTarget.checked)}
          />
          {label}
        </label>
      );
  }
}

function Questionnaire({ stored }: { stored: Signal<Answers> }) {
  const answers = useSignal<Answers>({});
  const genres = useGenres();
  return (
    <Form
      label={t("heading")}
      action={say("save")}
      send={async () => {
        const body = changes(stored.value, answers.value);
        // Fields of a client's own may be added, which TypeScript cannot tell from the known ones.
        const saved = await content(rest.PATCH("/user/preferences", { body: body as never }));
        stored.value = saved.preferences as Answers;
        answers.value = {};
        tell(say("saved"));
      }}
    >
      {GROUPS.map(({ title, questions }, index) => (
        <details key={title} open={!index} class="group">
          <summary>
            <h2>{t(title)}</h2>
          </summary>
          {questions.map((question) => (
            <Answer
              key={question.name}
              question={question}
              answer={
                question.name in answers.value
                  ? answers.value[question.name]
                  : stored.value[question.name]
              }
              change={(answer) => {
                answers.value = { ...answers.peek(), [question.name]: answer };
              }}
              genres={genres}
            />
          ))}
        </details>
      ))}
    </Form>
  );
}

function Reset({ stored }: { stored: Signal<Answers> }) {
  const sure = useSignal(false);
  const reset = async () => {
    const { preferences } = await content(rest.POST("/user/preferences/reset"));
    stored.value = preferences as Answers;
    sure.value = false;
  };
  return (
    <p class="actions">
      {sure.value ? (
        <>
          <button type="button" class="danger" onClick={() => attempt(reset)}>
            {t("resetSure")}
          </button>
          <button type="button" class="link" onClick={() => (sure.value = false)}>
            {say("cancel")}
          </button>
        </>
      ) : (
        <button type="button" onClick={() => (sure.value = true)}>
          {t("reset")}
        </button>
      )}
    </p>
  );
}

export function Preferences() {
  const stored = useSignal<Answers>({});
  const found = useLoad(async () => {
    const { preferences } = await content(rest.GET("/user/preferences"));
    stored.value = preferences as Answers;
    return true;
  }, []);
  return (
    <main id="view" class="narrow">
      <h1>{t("heading")}</h1>
      <p class="quiet">{t("what")}</p>
      <Show of={found}>{() => <Questionnaire stored={stored} />}</Show>
      {found.value && <Reset stored={stored} />}
    </main>
  );
}
