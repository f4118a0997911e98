import { Button, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { language, speak, type Language } from "@/i18n";
import { Icon } from "@/ui/Icon";
import card from "@/ui/ui.module.css";

import classes from "../models/Models.module.css";

/** How this page looks and speaks in this browser. */
export function PageSettings() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("settings.page")}</h2>
      <div className={classes.form}>
        <div>
          <div id="page-language">{t("settings.language")}</div>
          <SegmentedControl
            aria-labelledby="page-language"
            value={language()}
            onChange={(value) => void speak(value as Language)}
            data={[
              { value: "en", label: "English" },
              { value: "zh", label: "中文" },
            ]}
          />
        </div>
        <div>
          <div id="page-theme">{t("settings.theme")}</div>
          <SegmentedControl
            aria-labelledby="page-theme"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
            data={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
          />
        </div>
        <Notify />
      </div>
    </section>
  );
}

function Notify() {
  const { t } = useTranslation();
  const there = "Notification" in window;
  const [allowed, setAllowed] = useState<NotificationPermission>(there ? Notification.permission : "denied");
  const word = allowed === "granted" ? "settings.notifyOn" : allowed === "denied" ? "settings.notifyDenied" : "settings.notifyOff";
  return (
    <div>
      <div>{t("settings.notify")}</div>
      <p className={card.faint} style={{ margin: "2px 0 6px" }}>
        {t(word)}
      </p>
      {allowed === "default" && (
        <Button size="xs" variant="default" leftSection={<Icon name="bell" size={14} />} onClick={() => void Notification.requestPermission().then(setAllowed)}>
          {t("settings.notifyAllow")}
        </Button>
      )}
    </div>
  );
}
