import { useMantineColorScheme, useComputedColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRoute } from "wouter";

import { language, speak } from "@/i18n";
import { Icon, type IconName } from "@/ui/Icon";

import { Banners } from "./Banners";
import classes from "./Shell.module.css";

const PLACES = [
  { to: "/", match: /^\/(runs\/.*|series\/.*|compare.*)?$/, icon: "home", word: "shell.home" },
  { to: "/companies", match: /^\/companies.*$/, icon: "company", word: "shell.companies" },
  { to: "/models", match: /^\/models$/, icon: "models", word: "shell.models" },
  { to: "/settings", match: /^\/settings$/, icon: "settings", word: "shell.settings" },
] as const satisfies readonly { to: string; match: RegExp; icon: IconName; word: string }[];

/** What is around every screen: where one can go, language, theme, and what is the matter with the server. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main" onClick={toContent}>
        {t("shell.skip")}
      </a>
      <nav className={classes.nav} aria-label={t("shell.nav")}>
        <Link href="/" className={classes.brand}>
          <img src="./icon.svg" alt="" width={26} height={26} />
          agentverse
        </Link>
        {PLACES.map((place) => (
          <Place key={place.to} {...place} />
        ))}
        <div className={classes.grow} />
        <Tools />
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Banners />
        {children}
      </main>
    </div>
  );
}

function toContent(event: { preventDefault: () => void }): void {
  event.preventDefault(); // the address after # is where the page is
  document.getElementById("main")?.focus();
}

function Place({ to, match, icon, word }: (typeof PLACES)[number]) {
  const { t } = useTranslation();
  const [here] = useRoute(match);
  return (
    <Link href={to} className={classes.link} aria-current={here ? "page" : undefined}>
      <Icon name={icon} />
      {t(word)}
    </Link>
  );
}

function Tools() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <div className={classes.tools}>
      <button
        type="button"
        className={classes.tool}
        aria-label={t(dark ? "shell.light" : "shell.dark")}
        onClick={() => setColorScheme(dark ? "light" : "dark")}
      >
        <Icon name={dark ? "sun" : "moon"} />
      </button>
      <button
        type="button"
        className={classes.tool}
        lang={language() === "zh" ? "en" : "zh-CN"}
        onClick={() => void speak(language() === "zh" ? "en" : "zh")}
      >
        {t("shell.language")}
      </button>
    </div>
  );
}
