import { Button, Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Failed, get, put, remove } from "@/api/http";
import { client } from "@/api/queries";
import type { BlueprintText, Write } from "@/api/types.gen";
import { ErrorNote } from "@/ui/ErrorNote";
import { Note } from "@/ui/Tone";

interface Props {
  readonly kind: string;
  readonly name: string;
  readonly file: BlueprintText;
  readonly text: string;
  readonly close: () => void;
  readonly saved: () => void;
}

type Where = "project" | "user";

/** Where to save; what is shipped is hidden and never written, and what somebody else wrote is not lost. */
export function SaveModal({ kind, name, file, text, close, saved }: Props) {
  const { t } = useTranslation();
  const [where, setWhere] = useState<Where>(file.origin === "user" ? "user" : "project");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const path = `/api/blueprints/${kind}/${name}`;
  const conflict = error instanceof Failed && error.code === "conflict";
  const act = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await what();
      saved();
      close();
      await Promise.all([client.invalidateQueries({ queryKey: ["blueprints"] }), client.invalidateQueries({ queryKey: ["blueprint", kind, name] })]);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const body = (replaces: string | null): Write => ({ text, where, hide: true, replaces });
  const save = () => act(() => put(path, body(file.origin === where && file.hash ? file.hash : null)));
  const over = () =>
    act(async () => {
      const { hash } = await get<BlueprintText>(path);
      return put(path, body(hash));
    });
  const theirs = () =>
    act(async () => {
      await client.resetQueries({ queryKey: ["blueprint", kind, name] });
    });
  return (
    <Modal opened onClose={close} title={t("company.save")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <div style={{ display: "grid", gap: 12 }}>
        <SegmentedControl
          aria-label={t("company.saveWhere")}
          value={where}
          onChange={(value) => setWhere(value as Where)}
          data={[
            { value: "project", label: t("company.saveProject") },
            { value: "user", label: t("company.saveUser") },
          ]}
        />
        {file.origin === "shipped" && file.hash !== "" && <Note icon="file">{t("company.saveHide", { name })}</Note>}
        <ErrorNote error={error} />
        <div style={{ display: "flex", gap: 8, flexWrap: "wrap", justifyContent: "flex-end" }}>
          {file.origin !== "shipped" && file.hash !== "" && (
            <Button variant="subtle" color="red" disabled={busy} onClick={() => void act(() => remove(path, { where: file.origin, hash: file.hash }))}>
              {t("company.remove")}
            </Button>
          )}
          {conflict && (
            <>
              <Button variant="default" onClick={() => void theirs()}>
                {t("company.loadTheirs")}
              </Button>
              <Button variant="default" onClick={() => void over()}>
                {t("company.saveOver")}
              </Button>
            </>
          )}
          <Button loading={busy} onClick={() => void save()} data-autofocus>
            {t(file.origin === "shipped" && file.hash ? "company.saveHideGo" : "company.save")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
