"use strict";
/* Says whether the gateway answers. */
{
	const state = document.getElementById("state");
	const url = new URL("session", location.href);
	url.protocol = url.protocol.replace("http", "ws");
	const socket = new WebSocket(url, "serialgate.v1");
	socket.onmessage = (event) => {
		state.textContent = "The gateway answers: " + JSON.parse(event.data).version;
		socket.close();
	};
	socket.onerror = () => { state.textContent = "The gateway does not answer."; };
}
