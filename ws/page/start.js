// SPDX-License-Identifier: ISC
// What the document starts: the page, with a session at the endpoint that it came from.

import { startPage } from "./main.js";
import { Session } from "./session.js";

const url = new URL("/session", window.location.href);
url.protocol = url.protocol.replace("http", "ws");
url.hash = "";
startPage(
	(ears, how) =>
		new Session(ears, { url: url.href, isHidden: () => document.hidden, ...how }),
);
