import { render } from "preact";
import { App } from "./app";
import { startRouting } from "./state/route";
import { startSession } from "./state/session";
import { startTheme } from "./state/theme";
import "./styles/all.css";

startTheme(document.documentElement, localStorage);
startSession(window, sessionStorage);
startRouting(window);

const page = document.getElementById("page");
if (page) render(<App />, page);
