// Takes the stream with ws and does nothing else: what receiving alone costs, to hold the agent against.
import WebSocket from 'ws';

const socket = new WebSocket(`ws://127.0.0.1:${process.argv[2]}/connections?interval=1000`, {
	perMessageDeflate: false,
	skipUTF8Validation: true,
	maxPayload: 64 * 1024 * 1024,
});
socket.on('open', () => process.stdout.write('open\n'));
socket.on('message', () => {});
