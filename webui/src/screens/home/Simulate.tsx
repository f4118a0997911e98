import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { useId, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { useAct, useSimulations } from "@/api/queries";
import type { Repeat, Series, Simulate as Asked, SimulationBrief } from "@/api/types.gen";
import { language, localized } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { useDraft } from "@/ui/useDraft";
import card from "@/ui/ui.module.css";

import classes from "./Home.module.css";
import { ParameterField } from "./ParameterField";

interface Draft {
  readonly environment: string;
  readonly seed: number;
  /** So many runs, with one seed after the other. */
  readonly times: number;
  readonly speak: "" | "en" | "zh";
  readonly ask: boolean;
  /** Environment: parameter: what was typed; what was not touched is not sent. */
  readonly params: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** As many as the server begins together. */
const MOST_TIMES = 50;
const EMPTY: Draft = { environment: "", seed: 0, times: 1, speak: "", ask: true, params: {} };

/** An environment that runs by itself: which one, with which parameters, from which seed. */
export default function Simulate() {
  const { t } = useTranslation();
  const [kept, setDraft] = useDraft("simulate", EMPTY);
  const draft = { ...EMPTY, ...kept };
  const [, go] = useLocation();
  const { data, error, refetch } = useSimulations();
  const begin = useAct<Asked>("/api/simulations");
  const repeat = useAct<Repeat, Series>("/api/simulations/series");
  const all = data?.simulations ?? [];
  const chosen = all.find((one) => one.name === draft.environment) ?? all[0];
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (!chosen || begin.isPending || repeat.isPending) return;
    const params = draft.params[chosen.name] ?? {};
    const asked = { environment: chosen.name, seed: draft.seed, params, language: draft.speak || language(), ask: draft.ask };
    if (draft.times > 1) {
      const series = await repeat.mutateAsync({ simulate: asked, times: draft.times }).catch(() => undefined);
      if (series) go(`/series/${encodeURIComponent(series.series)}`);
      return;
    }
    const run = await begin.mutateAsync(asked).catch(() => undefined);
    if (run) go(`/runs/${encodeURIComponent(run.id)}`);
  };
  return (
    <form onSubmit={(event) => void start(event)}>
      <h1 className={classes.heading}>{t("home.simulateTitle")}</h1>
      {data && !chosen && <p className={card.faint}>{t("home.noSimulation")}</p>}
      {chosen && <Fields chosen={chosen} all={all} draft={draft} set={set} />}
      <div className={classes.buttons}>
        <Button type="submit" size="md" leftSection={<Icon name="play" />} loading={begin.isPending || repeat.isPending} disabled={!chosen}>
          {t(begin.isPending || repeat.isPending ? "home.starting" : "home.start")}
        </Button>
      </div>
      <ErrorNote error={error} retry={() => void refetch()} />
      <ErrorNote error={draft.times > 1 ? repeat.error : begin.error} />
    </form>
  );
}

interface Part {
  readonly chosen: SimulationBrief;
  readonly all: readonly SimulationBrief[];
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}

function Fields({ chosen, all, draft, set }: Part) {
  const { t } = useTranslation();
  const about = useId();
  const typed = draft.params[chosen.name] ?? {};
  const type = (name: string, value: string | undefined) => {
    const { [name]: _, ...rest } = typed;
    set({ params: { ...draft.params, [chosen.name]: value === undefined ? rest : { ...rest, [name]: value } } });
  };
  return (
    <>
      <div className={classes.four}>
        <NativeSelect
          label={t("home.environment")}
          aria-describedby={about}
          value={chosen.name}
          onChange={(event) => set({ environment: event.currentTarget.value })}
          data={all.map((one) => ({ value: one.name, label: localized(one.title) || one.name }))}
        />
        <Whole label={t("home.times")} least={1} most={MOST_TIMES} value={draft.times} set={(times) => set({ times })} />
        <Whole label={t("home.seed")} least={0} value={draft.seed} set={(seed) => set({ seed })} />
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
      <p className={card.faint} id={about}>
        {localized(chosen.description)}
      </p>
      {chosen.params.length > 0 && (
        <fieldset className={classes.params} aria-label={t("home.params")}>
          {chosen.params.map((one) => (
            <ParameterField key={`${chosen.name}.${one.name}`} parameter={one} speak={draft.speak || language()} typed={typed[one.name]} type={(value) => type(one.name, value)} />
          ))}
        </fieldset>
      )}
      {chosen.persons > 0 && draft.times === 1 && (
        <Switch mt="sm" label={t("home.askPersons")} checked={draft.ask} onChange={(event) => set({ ask: event.currentTarget.checked })} />
      )}
    </>
  );
}

interface WholeProps {
  readonly label: string;
  readonly least: number;
  readonly most?: number;
  readonly value: number;
  readonly set: (value: number) => void;
}

/** A whole number within bounds. */
function Whole({ label, least, most, value, set }: WholeProps) {
  const within = (typed: string) => Math.min(most ?? Number.MAX_SAFE_INTEGER, Math.max(least, Math.trunc(Number(typed) || 0)));
  return <TextInput type="number" label={label} min={least} max={most} step={1} value={value} onChange={(event) => set(within(event.currentTarget.value))} />;
}
