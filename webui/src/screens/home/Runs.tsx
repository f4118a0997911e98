import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { useRuns } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { Empty, Hidden } from "@/ui/Tone";
import card from "@/ui/ui.module.css";

import classes from "./Home.module.css";
import { RunLine } from "./RunLine";

const STATES = ["running", "paused", "interrupted", "succeeded", "failed", "stopped"] as const;
const PAGE = 50;

/** All runs, the latest first. */
export function Runs() {
  const { t } = useTranslation();
  const [limit, setLimit] = useState(PAGE);
  const [state, setState] = useState("");
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [, go] = useLocation();
  const { data, error, refetch } = useRuns(limit);
  const runs = (data?.runs ?? []).filter(
    (run) => (!state || run.state === state) && `${run.idea} ${run.id}`.toLowerCase().includes(words.toLowerCase()),
  );
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2));
  return (
    <section className={card.card} aria-labelledby="runs">
      <div className={classes.bar}>
        <h2 className={classes.second} id="runs">
          {t("home.runs")}
        </h2>
        <TextInput
          aria-label={t("home.search")}
          placeholder={t("home.search")}
          leftSection={<Icon name="search" size={15} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label={t("home.filter")}
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
          data={[{ value: "", label: t("home.allStates") }, ...STATES.map((one) => ({ value: one, label: t(`common.state.${one}`) }))]}
        />
        <Button
          variant="default"
          className={classes.optional}
          leftSection={<Icon name="compare" size={16} />}
          disabled={chosen.length !== 2}
          title={t("home.compareHint")}
          onClick={() => go(`/compare/${chosen.map(encodeURIComponent).join("/")}`)}
        >
          {t("home.compare")}
        </Button>
      </div>
      <ErrorNote error={data ? undefined : error} retry={() => void refetch()} />
      {runs.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th className={classes.pick}>
                <Hidden>{t("home.compare")}</Hidden>
              </th>
              <th>{t("home.idea_column")}</th>
              <th>{t("home.state")}</th>
              <th>{t("home.evidence")}</th>
              <th className={classes.number}>{t("home.time_column")}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <RunLine key={run.id} run={run} chosen={chosen.includes(run.id)} choose={() => choose(run.id)} />
            ))}
          </tbody>
        </table>
      )}
      {data && runs.length === 0 && <Empty icon="home">{t(data.runs.length ? "home.noneSuch" : "home.none")}</Empty>}
      {data && data.total > data.runs.length && (
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => setLimit(limit + PAGE)}>
            {t("common.showAll")}
          </Button>
          <span className={card.faint}>{t("home.shown", { shown: data.runs.length, total: data.total })}</span>
        </div>
      )}
    </section>
  );
}
