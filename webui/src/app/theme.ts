import {
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  mergeMantineTheme,
  DEFAULT_THEME,
} from "@mantine/core";

export const theme = createTheme({
  colors: {
    dark: ["#e3ecf0", "#c3d0d6", "#a3b4bc", "#7a8d96", "#46555c", "#37444a", "#202a2f", "#182125", "#12191c", "#0c1214"],
  },
  primaryColor: "cyan",
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: "650" },
  components: {
    // Not `Modal.extend`, which would bring every dialog along with the first screen.
    // The scroll lock would write a <style> element, which the page's policy forbids.
    Modal: { defaultProps: { lockScroll: false, centered: true } },
    Menu: { defaultProps: { shadow: "md", withinPortal: true } },
  },
});

/** What is filled grows darker under the pointer: Mantine makes it lighter, and white words on that are too faint. */
const POINTED_AT = { "--mantine-color-cyan-filled-hover": "#095f6f" };

/**
 * Give the document the theme's variables as a constructed style sheet: the page's policy allows no <style> elements,
 * and so nothing that a model wrote can bring one either.
 */
export function adoptTheme(): void {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const { variables, dark, light } = defaultCssVariablesResolver(merged);
  const sheet = new CSSStyleSheet();
  const shown = { variables, dark: { ...dark, ...POINTED_AT }, light: { ...light, ...POINTED_AT } };
  sheet.replaceSync(convertCssVariables(shown, ":root"));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
