import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";

import { useBlueprints } from "@/api/queries";
import type { BlueprintBrief } from "@/api/types.gen";
import { localized } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { Badge, Empty } from "@/ui/Tone";
import { oneLine } from "@/ui/format";

import classes from "./Companies.module.css";

const KINDS = ["company", "role", "environment", "language"] as const;
type Kind = (typeof KINDS)[number];

/** Everything that can be designed. */
export default function Companies() {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [creating, setCreating] = useState<Kind>();
  const { data, error, refetch } = useBlueprints();
  const all = data?.blueprints ?? [];
  const fits = (one: BlueprintBrief) =>
    `${one.name} ${localized(one.title)} ${localized(one.description)}`.toLowerCase().includes(words.toLowerCase());
  return (
    <div className={classes.screen}>
      <header className={classes.head}>
        <div>
          <h1 className={classes.heading}>{t("company.title")}</h1>
          <p className={classes.help}>{t("company.help")}</p>
        </div>
        <TextInput
          aria-label={t("company.search")}
          placeholder={t("company.search")}
          leftSection={<Icon name="search" size={15} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </header>
      <ErrorNote error={data ? undefined : error} retry={() => void refetch()} />
      {!data && !error && <Empty icon="clock">{t("shell.loading")}</Empty>}
      {data && KINDS.map((kind) => (
        <section key={kind} aria-labelledby={`kind-${kind}`}>
          <div className={classes.kindHead}>
            <h2 id={`kind-${kind}`} className={classes.second}>
              {t(`company.kinds.${kind}`)}
            </h2>
            <Button size="compact-sm" variant="default" leftSection={<Icon name="plus" size={14} />} aria-label={t("company.createTitle", { kind: t(`company.kind.${kind}`) })} onClick={() => setCreating(kind)}>
              {t("company.create")}
            </Button>
          </div>
          <ul className={classes.cards}>
            {all.filter((one) => one.kind === kind && fits(one)).map((one) => (
              <Card key={one.name} one={one} />
            ))}
          </ul>
        </section>
      ))}
      {creating && <Create kind={creating} close={() => setCreating(undefined)} />}
    </div>
  );
}

function Card({ one }: { one: BlueprintBrief }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link className={classes.card} href={`/companies/${one.kind}/${one.name}`}>
        <span className={classes.cardTitle}>
          <bdi>{oneLine(localized(one.title) || one.name, 60)}</bdi>
          {one.origin !== "shipped" && <Badge tone="info">{t(`common.shared.${one.origin}`)}</Badge>}
        </span>
        <span className={classes.cardText}>{oneLine(localized(one.description), 140)}</span>
        {one.hides && <span className={classes.cardText}>{t("company.hides")}</span>}
      </Link>
    </li>
  );
}

function Create({ kind, close }: { kind: Kind; close: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [, go] = useLocation();
  const begin = (event: FormEvent) => {
    event.preventDefault();
    go(`/companies/${kind}/${name}`);
  };
  return (
    <Modal opened onClose={close} title={t("company.createTitle", { kind: t(`company.kind.${kind}`) })} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form onSubmit={begin}>
        <TextInput
          label={t("company.createName")}
          description={t("company.createNameHelp")}
          pattern="[a-z][a-z0-9_]{0,39}"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" mt="md" disabled={!/^[a-z][a-z0-9_]{0,39}$/.test(name)}>
          {t("company.createGo")}
        </Button>
      </form>
    </Modal>
  );
}
