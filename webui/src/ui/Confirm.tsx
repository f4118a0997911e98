import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ErrorNote } from "./ErrorNote";

interface Props {
  readonly text: string;
  readonly action: string;
  readonly act: () => Promise<unknown>;
  readonly close: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ text, action, act, close }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const go = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={action} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <p style={{ marginTop: 0 }}>{text}</p>
      <ErrorNote error={error} />
      <div style={{ display: "flex", gap: 10, justifyContent: "flex-end", marginTop: 12 }}>
        <Button variant="default" onClick={close} data-autofocus>
          {t("shell.close")}
        </Button>
        <Button color="red" loading={busy} onClick={() => void go()}>
          {action}
        </Button>
      </div>
    </Modal>
  );
}
