import { Button, NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import { useId, useState, type FormEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { useAct, useBlueprints, useLanguages, useStatus } from "@/api/queries";
import type { Begin as Asked } from "@/api/types.gen";
import { language, localized } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { NumberField } from "@/ui/NumberField";
import { useDraft } from "@/ui/useDraft";
import card from "@/ui/ui.module.css";

import classes from "./Home.module.css";

interface Draft {
  readonly idea: string;
  readonly company: string;
  readonly code: string;
  readonly speak: "" | "en" | "zh";
  readonly tokens: number | "";
  readonly minutes: number | "";
  readonly turns: number | "";
  readonly name: string;
  readonly source: string;
  readonly ask: boolean;
}

const EMPTY: Draft = {
  idea: "", company: "", code: "", speak: "", tokens: "", minutes: "", turns: "", name: "", source: "", ask: true,
};
const EXAMPLES = ["home.example1", "home.example2", "home.example3", "home.example4"] as const;

function asked(draft: Draft): Asked {
  const limits = Object.fromEntries(
    (["tokens", "minutes", "turns"] as const).flatMap((name) => (draft[name] === "" ? [] : [[name, draft[name]]])),
  );
  return {
    idea: draft.idea.trim(),
    company: draft.company || null,
    code: draft.code,
    language: draft.speak || language(),
    limits,
    name: draft.name || null,
    source: draft.source || null,
    ask: draft.ask,
  };
}

/** One field for the idea, and what else may be said. */
export function BeginRun() {
  const { t } = useTranslation();
  const [draft, setDraft, forget] = useDraft("begin", EMPTY);
  const [empty, setEmpty] = useState(false);
  const [more, setMore] = useState(false);
  const [, go] = useLocation();
  const begin = useAct<Asked>("/api/runs");
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const start = async (event?: FormEvent) => {
    event?.preventDefault();
    setEmpty(!draft.idea.trim());
    if (!draft.idea.trim() || begin.isPending) return;
    const run = await begin.mutateAsync(asked(draft)).catch(() => undefined);
    if (!run) return;
    forget();
    go(`/runs/${encodeURIComponent(run.id)}`);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void start();
    }
  };
  return (
    <form onSubmit={(event) => void start(event)}>
      <h1 className={classes.heading}>{t("home.title")}</h1>
      <Textarea
        aria-label={t("home.idea")}
        placeholder={t("home.placeholder")}
        value={draft.idea}
        onChange={(event) => set({ idea: event.currentTarget.value })}
        onKeyDown={keys}
        rows={3}
        size="md"
        maxLength={20_000}
        error={empty && !draft.idea.trim() ? t("home.needIdea") : undefined}
      />
      {!draft.idea && (
        <ul className={classes.examples} aria-label={t("home.examples")}>
          {EXAMPLES.map((name) => (
            <li key={name}>
              <button type="button" className={classes.example} onClick={() => set({ idea: t(name) })}>
                {t(name)}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Choices draft={draft} set={set} />
      {more && <More draft={draft} set={set} />}
      <div className={classes.buttons}>
        <Button type="submit" size="md" leftSection={<Icon name="play" />} loading={begin.isPending}>
          {t(begin.isPending ? "home.starting" : "home.start")}
        </Button>
        <Button variant="subtle" onClick={() => setMore(!more)} aria-expanded={more}>
          {t(more ? "home.less" : "home.more")}
        </Button>
      </div>
      <ErrorNote error={begin.error} />
    </form>
  );
}

interface Part {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}

function Choices({ draft, set }: Part) {
  const { t } = useTranslation();
  const companies = (useBlueprints("company").data?.blueprints ?? []).filter((one) => one.kind === "company");
  const languages = useLanguages().data?.languages ?? [];
  const about = useId();
  const usual = useStatus().data?.company ?? "";
  const company = draft.company || usual;
  const chosen = companies.find((one) => one.name === company);
  return (
    <>
      <div className={classes.fields}>
        <NativeSelect
          label={t("home.company")}
          aria-describedby={about}
          value={company}
          onChange={(event) => set({ company: event.currentTarget.value })}
          data={
            companies.length > 0
              ? companies.map((one) => ({ value: one.name, label: localized(one.title) || one.name }))
              : [company]
          }
        />
        <NativeSelect
          label={t("home.code")}
          value={draft.code}
          onChange={(event) => set({ code: event.currentTarget.value })}
          data={[
            { value: "", label: t("home.codeAny") },
            ...languages.map((one) => ({ value: one.name, label: localized(one.title) || one.name })),
          ]}
        />
        <NativeSelect
          label={t("home.speak")}
          value={draft.speak || language()}
          onChange={(event) => set({ speak: event.currentTarget.value as "en" | "zh" })}
          data={[
            { value: "en", label: "English" },
            { value: "zh", label: "中文" },
          ]}
        />
      </div>
      <p className={`${card.faint} ${classes.about}`} id={about}>
        {localized(chosen?.description)}
      </p>
    </>
  );
}

function More({ draft, set }: Part) {
  const { t } = useTranslation();
  const local = useStatus().data?.loopback ?? true;
  return (
    <>
      <div className={classes.fields}>
        {(["tokens", "minutes", "turns"] as const).map((name) => (
          <NumberField
            key={name}
            label={t(`home.${name}`)}
            placeholder={t("home.usual")}
            value={draft[name]}
            change={(value) => set({ [name]: value })}
          />
        ))}
      </div>
      <div className={classes.fields}>
        <TextInput
          label={t("home.name")}
          description={t("home.nameHint")}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {local && (
          <TextInput
            label={t("home.source")}
            description={t("home.sourceHint")}
            value={draft.source}
            onChange={(event) => set({ source: event.currentTarget.value })}
          />
        )}
        <Switch
          mt="xl"
          label={t("home.ask")}
          checked={draft.ask}
          onChange={(event) => set({ ask: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}
