// SPDX-License-Identifier: ISC
// Binary frames of serialgate.v1 (docs/websocket.md). Pure.

const HANDLE = 4;
const HEAD = 12;
export const INPUT_MAX = 16384;

// What the server sent: {handle, position, bytes}, position behind the last byte; null: too short.
export function readOutput(buffer) {
	if (buffer.byteLength < HEAD) return null;
	const view = new DataView(buffer);
	return {
		handle: view.getUint32(0),
		position: Number(view.getBigUint64(4)),
		bytes: new Uint8Array(buffer, HEAD),
	};
}

// A frame of 1 to INPUT_MAX typed bytes.
export function makeInput(handle, bytes) {
	const frame = new Uint8Array(HANDLE + bytes.length);
	new DataView(frame.buffer).setUint32(0, handle);
	frame.set(bytes, HANDLE);
	return frame;
}
