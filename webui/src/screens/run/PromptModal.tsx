import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { usePrompt } from "@/api/queries";
import type { Prompt } from "@/api/types.gen";
import { ErrorNote } from "@/ui/ErrorNote";
import { Badge } from "@/ui/Tone";
import { plain } from "@/ui/format";

import classes from "./PromptModal.module.css";

/** The exact prompt of a turn; what a prefix cache already knew is marked. */
export function PromptModal({ run, reply, close }: { run: string; reply: string; close: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = usePrompt(run, reply, true);
  return (
    <Modal opened onClose={close} size="xl" title={t("run.prompt.title")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <ErrorNote error={error} retry={() => void refetch()} />
      {data && <Segments prompt={data} />}
    </Modal>
  );
}

function Segments({ prompt }: { prompt: Prompt }) {
  const { t } = useTranslation();
  const { segments, usage } = prompt;
  const summary = {
    shared: prompt.shared_segments,
    total: segments.length,
    cached: usage.cached ?? 0,
    prompt: usage.prompt ?? 0,
  };
  return (
    <>
      <p className={classes.summary}>{t("run.prompt.summary", summary)}</p>
      {segments.map((segment, index) => (
        <section key={`${index}`} className={classes.segment} data-shared={segment.shared}>
          <header className={classes.head}>
            <strong>{segment.role}</strong>
            <Badge tone={segment.shared ? "good" : "info"}>{t(segment.shared ? "run.prompt.cached" : "run.prompt.fresh")}</Badge>
          </header>
          <pre className={classes.text}>{plain(segment.text)}</pre>
        </section>
      ))}
    </>
  );
}
