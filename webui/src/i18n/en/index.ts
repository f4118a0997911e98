import { common } from "./common";
import { company } from "./company";
import { errors } from "./errors";
import { home } from "./home";
import { run } from "./run";
import { shell } from "./shell";

export const en = { common, company, errors, home, run, shell };
