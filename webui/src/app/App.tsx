import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";

import { Home } from "@/screens/home/Home";
import home from "@/screens/home/Home.module.css";
import { Empty } from "@/ui/Tone";

import { Guard } from "./Guard";
import { Needed } from "./Needed";
import { Shell } from "./Shell";

const Run = lazy(() => import("@/screens/run/Run"));
const Compare = lazy(() => import("@/screens/compare/Compare"));
const Companies = lazy(() => import("@/screens/companies/Companies"));
const Editor = lazy(() => import("@/screens/companies/Editor"));
const Series = lazy(() => import("@/screens/series/Series"));
const Models = lazy(() => import("@/screens/models/Models"));
const Settings = lazy(() => import("@/screens/settings/Settings"));

export function App() {
  const { t } = useTranslation();
  return (
    <Router hook={useHashLocation}>
      <Shell>
        <Needed />
        <Guard>
          <Suspense fallback={<Empty icon="clock">{t("shell.loading")}</Empty>}>
            <Switch>
              <Route path="/" component={Home} />
              <Route path="/runs/:run">{({ run }) => <Run key={run} run={decoded(run)} />}</Route>
              <Route path="/compare/:a/:b">{({ a, b }) => <Compare a={decoded(a)} b={decoded(b)} />}</Route>
              <Route path="/series/:series">{({ series }) => <Series key={series} series={decoded(series)} />}</Route>
              <Route path="/companies" component={Companies} />
              <Route path="/companies/:kind/:name">
                {({ kind, name }) => <Editor key={`${kind}/${name}`} kind={kind} name={name} />}
              </Route>
              <Route path="/models" component={Models} />
              <Route path="/settings" component={Settings} />
              <Route path="/runs">
                <Redirect to="/" />
              </Route>
              <Route>
                <Empty icon="search">
                  <h1 className={home.second}>{t("shell.notFound")}</h1>
                  <Link href="/">{t("shell.toHome")}</Link>
                </Empty>
              </Route>
            </Switch>
          </Suspense>
        </Guard>
      </Shell>
    </Router>
  );
}

/** A part of an address as it was meant; as it stands when it means nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
