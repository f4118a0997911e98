/** The page's words in the user's language. English comes with the page, Chinese when it is asked for. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { plain } from "@/ui/plain";
import { recall, remember } from "@/ui/storage";

import { en } from "./en";
import { learn } from "./sentences";

export type Language = "en" | "zh";
const KEY = "language";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** What was chosen before, else what the browser prefers. */
export function preferred(): Language {
  const chosen = recall<string>(KEY);
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await change(preferred());
}

/** Change the page's language, and remember it. */
export async function speak(language: Language): Promise<void> {
  await change(language);
  remember(KEY, language);
}

let chinese: Readonly<Record<string, string>> = {};

async function change(language: Language): Promise<void> {
  if (language === "zh" && !i18next.hasResourceBundle("zh", "translation")) {
    const { zh, sentences } = await import("./zh");
    i18next.addResourceBundle("zh", "translation", zh);
    chinese = sentences;
  }
  learn(language === "zh" ? chinese : {});
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export function language(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}

/** A text that a blueprint gives for all languages or one per language, to be read. */
export function localized(text: string | Record<string, string> | null | undefined): string {
  return plain(asWritten(text));
}

/** The same, to be edited. */
export function asWritten(text: string | Record<string, string> | null | undefined): string {
  if (text == null) return "";
  if (typeof text === "string") return text;
  return text[language()] ?? text.en ?? Object.values(text)[0] ?? "";
}
