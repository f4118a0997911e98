import { common } from "./common";
import { company } from "./company";
import { compare } from "./compare";
import { errors } from "./errors";
import { home } from "./home";
import { models } from "./models";
import { run } from "./run";
import sentences from "./sentences.json";
import { settings } from "./settings";
import { shell } from "./shell";

export { sentences };
export const zh = { common, company, compare, errors, home, models, run, settings, shell };
