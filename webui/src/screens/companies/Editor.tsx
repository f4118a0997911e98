import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import { ErrorNote } from "@/ui/ErrorNote";
import { Empty } from "@/ui/Tone";

import classes from "./Companies.module.css";
import { Workbench } from "./Workbench";
import { useText } from "./useBlueprint";

/** One company, role, environment or language: its text and its picture. */
export default function Editor({ kind, name }: { kind: string; name: string }) {
  const { t } = useTranslation();
  const file = useText(kind, name);
  if (file.error && !file.data) {
    return (
      <div className={classes.screen}>
        <ErrorNote error={file.error} retry={() => void file.refetch()} />
        <Link href="/companies">{t("shell.companies")}</Link>
      </div>
    );
  }
  if (!file.data) return <Empty icon="clock">{t("shell.loading")}</Empty>;
  return <Workbench key={file.data.hash} kind={kind} name={name} file={file.data} />;
}
