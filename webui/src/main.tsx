import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Combobox.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Switch.css";
import "@mantine/core/styles/FloatingIndicator.css";
import "@mantine/core/styles/SegmentedControl.css";
import "@mantine/core/styles/Tabs.css";
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Progress.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Group.css";
import "@mantine/core/styles/Stack.css";
import "./app/global.css";

import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { client } from "@/api/queries";
import { App } from "@/app/App";
import { adoptTheme, theme } from "@/app/theme";
import { startWords } from "@/i18n";
import { startStream } from "@/live/stream";

const schemes = localStorageColorSchemeManager({ key: "agentverse.scheme" });

adoptTheme();
startStream(ahead());
await startWords();
/** The run that the address names: it and its screen are asked for while the first screen is made. */
function ahead(): string | undefined {
  const run = /^#\/runs\/([^/]+)$/.exec(location.hash)?.[1];
  if (run === undefined) return undefined;
  void import("@/screens/run/Run");
  return decodeURIComponent(run);
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} withCssVariables={false} withGlobalClasses={false}>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);
