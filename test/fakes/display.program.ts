// A display of the old kind on the LAN: `HOST PORT` registers with `01 00` each 5 s and prints what comes, a line of
// hex each. It binds a port of its own, as the real one does.
import { createSocket } from 'node:dgram';

const registerEveryMs = 5_000;
const [host = '', port = '17890'] = process.argv.slice(2);

const socket = createSocket('udp4');
socket.on('message', (bytes) => console.log(bytes.toString('hex')));
const register = () => socket.send(Buffer.from([1, 0]), Number(port), host, () => {});
socket.bind(0, () => {
	register();
	setInterval(register, registerEveryMs);
});

// Whoever started this is gone.
process.stdin.on('end', () => process.exit()).resume();
