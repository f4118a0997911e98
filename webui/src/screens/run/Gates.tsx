import { Button, CloseButton, FileButton, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { ofRun } from "@/api/http";
import { useAct } from "@/api/queries";
import type { agentverse__web__shapes__runs__Answer as Asked, Done, Upload } from "@/api/types.gen";
import type { Gate } from "@/journal/moment";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { oneLine, plain } from "@/ui/format";
import { useDraft } from "@/ui/useDraft";

import classes from "./Run.module.css";
import type { View } from "./useMoment";

const MOST_BYTES = 1024 * 1024;

/** The questions that wait for a person. */
export function Gates({ view }: { view: View }) {
  if (view.at !== undefined || view.live?.state !== "running") return null;
  return (
    <>
      {view.moment.waiting.map((gate) => (
        <GateCard key={gate.key} run={view.run} gate={gate} />
      ))}
    </>
  );
}

function GateCard({ run, gate: { key, event: gate } }: { run: string; gate: Gate }) {
  const { t } = useTranslation();
  const [text, setText, forget] = useDraft(`gate.${run}.${key}`, "");
  const choices = gate.choices ?? [];
  const [files, setFiles] = useState<readonly Upload[]>([]);
  const [tooLarge, setTooLarge] = useState("");
  const answer = useAct<Asked, Done>(ofRun(run, "/answer"));
  const send = async (choice = "") => {
    const done = await answer.mutateAsync({ gate: key, text: choice ? "" : text, choice, files: [...files] }).catch(() => undefined);
    if (done) forget();
  };
  const add = async (chosen: File[]) => {
    const large = chosen.find((file) => file.size > MOST_BYTES);
    setTooLarge(large ? t("run.gate.tooLarge", { name: oneLine(large.name, 60) }) : "");
    const taken = await Promise.all(chosen.filter((file) => file.size <= MOST_BYTES).map(upload));
    setFiles([...files, ...taken].slice(0, 20));
  };
  return (
    <form
      className={classes.gate}
      aria-label={t("run.gate.title")}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2 className={classes.gateTitle}>
        <Icon name="person" /> {t(gate.seat ? "run.gate.yourTurn" : "run.gate.title")}
      </h2>
      <p className={classes.question} dir="auto">
        {plain(gate.question)}
      </p>
      {choices.length > 0 ? (
        <div className={classes.choices} role="group" aria-label={t("run.gate.choose")}>
          {choices.map((choice) => (
            <Button key={choice} variant="default" loading={answer.isPending} onClick={() => void send(choice)}>
              {oneLine(choice, 120)}
            </Button>
          ))}
        </div>
      ) : (
        <Textarea aria-label={t("run.gate.answer")} placeholder={t("run.gate.answer")} value={text} onChange={(event) => setText(event.currentTarget.value)} rows={3} />
      )}
      {files.map((file) => (
        <div key={file.path} className={classes.choices}>
          <Icon name="file" size={15} /> <bdi>{oneLine(file.path, 80)}</bdi>
          <CloseButton
            size="sm"
            aria-label={t("run.gate.remove", { name: file.path })}
            onClick={() => setFiles(files.filter((one) => one !== file))}
          />
        </div>
      ))}
      {tooLarge && <p role="alert">{tooLarge}</p>}
      <div className={classes.choices}>
        {choices.length === 0 && (
          <Button type="submit" leftSection={<Icon name="send" size={15} />} loading={answer.isPending} disabled={!text.trim() && files.length === 0}>
            {t("run.gate.send")}
          </Button>
        )}
        <FileButton multiple onChange={(chosen) => void add(chosen)}>
          {(props) => (
            <Button variant="subtle" {...props} leftSection={<Icon name="plus" size={15} />}>
              {t("run.gate.files")}
            </Button>
          )}
        </FileButton>
        {gate.default != null && <span>{t("run.gate.without", { answer: oneLine(gate.default, 80) })}</span>}
      </div>
      <ErrorNote error={answer.error} />
    </form>
  );
}

async function upload(file: File): Promise<Upload> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let index = 0; index < bytes.length; index += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(index, index + 0x8000));
  }
  return { path: file.name, content: btoa(text) };
}
