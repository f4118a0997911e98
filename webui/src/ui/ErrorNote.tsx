import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Failed } from "@/api/http";
import type { en } from "@/i18n/en";
import { known } from "@/i18n/sentences";

import { plain, spoken } from "./format";
import { Note } from "./Tone";

type Code = Exclude<keyof typeof en.errors, "title">;

/** What went wrong, in words of its own, with the server's sentence and a next step. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t, i18n } = useTranslation();
  if (!error) return null;
  const failed = error instanceof Failed ? error : new Failed("other", String(error));
  const code = i18n.exists(`errors.${failed.code}`) ? failed.code : "other";
  const own = failed.message && failed.message !== failed.code ? spoken(failed.message) : "";
  const mend = failed.fix ? known(failed.fix) : undefined;
  const fix = mend ? plain(mend) : t(`errors.${code}Fix` as `errors.${Code}`);
  const again = retry && (
    <Button size="compact-sm" variant="default" onClick={retry}>
      {t("common.retry")}
    </Button>
  );
  return (
    <Note tone="bad" icon="warn" title={t(`errors.${code}` as `errors.${Code}`)} action={again} role="alert">
      {own && <p>{own}</p>}
      {failed.problems.length > 0 && (
        <ul>
          {failed.problems.slice(0, 6).map((problem) => (
            <li key={`${problem.file}:${problem.line}:${problem.what}`}>
              {`${plain(problem.file)}:${problem.line}: ${spoken(problem.what)} ${spoken(problem.fix ?? "")}`}
            </li>
          ))}
        </ul>
      )}
      <p>{fix}</p>
    </Note>
  );
}
