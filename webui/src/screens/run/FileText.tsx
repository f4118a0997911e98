import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { address, ofRun } from "@/api/http";
import { useFile } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { Empty } from "@/ui/Tone";
import { bytes, oneLine } from "@/ui/format";

import classes from "./Files.module.css";

const CodeView = lazy(() => import("@/code/CodeView"));

/** One file at one commit. */
export function FileText({ run, commit, path }: { run: string; commit: string; path: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useFile(run, commit, path);
  if (!path) return <Empty icon="file">{t("run.files.choose")}</Empty>;
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data) return <Empty icon="clock">{t("shell.loading")}</Empty>;
  return (
    <div className={classes.file}>
      <div className={classes.fileHead}>
        <bdi>{oneLine(path, 200)}</bdi>
        <span>{bytes(data.size)}</span>
        {data.truncated && <span>{t("run.files.truncated")}</span>}
        <a href={address(ofRun(run, "/file"), { path, commit, raw: true })} download aria-label={t("run.files.download")}>
          <Icon name="download" size={15} />
        </a>
      </div>
      <div className={classes.fileBody}>
        {data.binary ? (
          <Empty icon="file">{t("run.files.binary", { size: bytes(data.size) })}</Empty>
        ) : (
          <Suspense fallback={<Empty icon="clock">{t("shell.loading")}</Empty>}>
            <CodeView text={data.text} path={path} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
