import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import type { BlueprintText } from "@/api/types.gen";
import YamlEditor, { type Depths, type EditorHandle } from "@/code/YamlEditor";
import { Icon } from "@/ui/Icon";
import { Badge, Note } from "@/ui/Tone";
import { recall, remember } from "@/ui/storage";
import { companyOf } from "@/yaml/company";

import classes from "./Companies.module.css";
import { DryRunModal } from "./DryRunModal";
import { Picture } from "./Picture";
import { Problems } from "./Problems";
import { SaveModal } from "./SaveModal";
import { useNames, useProblems, useSchema } from "./useBlueprint";

interface Props {
  readonly kind: string;
  readonly name: string;
  readonly file: BlueprintText;
}

/** Text and picture side by side; each changes the other, and both go back and forth together. */
export function Workbench({ kind, name, file }: Props) {
  const { t } = useTranslation();
  const draft = `draft.blueprint.${kind}.${name}`;
  const first = useMemo(() => recall<string>(draft) ?? file.text, [draft, file.text]);
  const [text, setText] = useState(first);
  const [depths, setDepths] = useState<Depths>({ undo: 0, redo: 0 });
  const [shown, setShown] = useState<"text" | "graph">("graph");
  const [asking, setAsking] = useState<"" | "save" | "dry">("");
  const [restored, setRestored] = useState(first !== file.text);
  const editor = useRef<EditorHandle>(null);
  const company = useMemo(() => (kind === "company" ? companyOf(text) : undefined), [kind, text]);
  const names = useNames(company ? Object.keys(company.phases) : []);
  const { problems, checking } = useProblems(kind, name, text);
  const unsaved = text !== file.text || file.hash === "";
  const changed = (next: string, deep: Depths) => {
    setText(next);
    setDepths(deep);
    remember(draft, next === file.text ? undefined : next);
  };
  const discard = () => {
    editor.current?.become(file.text);
    setRestored(false);
  };
  const goTo = (line: number) => {
    setShown("text");
    requestAnimationFrame(() => editor.current?.goTo(line));
  };
  return (
    <div className={classes.editor}>
      <header className={classes.bar}>
        <Link href="/companies">{t("shell.companies")}</Link>
        <h1 className={classes.name}>{name}</h1>
        <Badge tone={file.origin === "shipped" ? "plain" : "info"}>{t(`common.shared.${file.origin}` as "common.shared.user")}</Badge>
        {unsaved && <Badge tone="warn">{t("company.unsaved")}</Badge>}
        <span className={classes.grow} />
        <SegmentedControl
          className={classes.switch}
          size="xs"
          value={shown}
          onChange={(value) => setShown(value as "text" | "graph")}
          data={[
            { value: "text", label: t("company.text") },
            { value: "graph", label: t(kind === "company" ? "company.graph" : "company.picture") },
          ]}
        />
        <ActionIcon variant="default" size={30} aria-label={t("company.undo")} disabled={depths.undo === 0} onClick={() => editor.current?.undo()}>
          <Icon name="undo" size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size={30} aria-label={t("company.redo")} disabled={depths.redo === 0} onClick={() => editor.current?.redo()}>
          <Icon name="redo" size={16} />
        </ActionIcon>
        {kind === "company" && (
          <Button size="xs" variant="default" leftSection={<Icon name="eye" size={15} />} onClick={() => setAsking("dry")}>
            {t("company.dryRun")}
          </Button>
        )}
        <Button size="xs" disabled={!unsaved && file.origin !== "shipped"} onClick={() => setAsking("save")}>
          {t("company.save")}
        </Button>
      </header>
      {restored && unsaved && (
        <div className={classes.notes}>
          <Note
            tone="warn"
            icon="warn"
            title={t("company.draft")}
            action={
              <Button size="compact-sm" variant="default" onClick={discard}>
                {t("company.discard")}
              </Button>
            }
          />
        </div>
      )}
      <div className={classes.halves} data-shown={shown}>
        <div className={classes.textHalf}>
          <div className={classes.host}>
            <YamlEditor
              initial={first}
              label={t("company.editor", { name })}
              schema={useSchema(kind).data?.json_schema}
              names={names}
              problems={problems}
              changed={changed}
              save={() => setAsking("save")}
              handle={editor}
            />
          </div>
          <Problems problems={problems} checking={checking} goTo={goTo} />
        </div>
        <Picture kind={kind} text={text} names={names} problems={problems} become={(next) => editor.current?.become(next)} goTo={goTo} />
      </div>
      {asking === "save" && <SaveModal kind={kind} name={name} file={file} text={text} close={() => setAsking("")} saved={() => remember(draft, undefined)} />}
      {asking === "dry" && <DryRunModal name={name} text={text} close={() => setAsking("")} />}
    </div>
  );
}
