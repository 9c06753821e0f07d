// LuCI's compiled translations (.lmo), from a .po file of one-line messages: the texts, padded to 4 bytes; then an index
// of {hash of the message, 1, offset, length}, sorted by hash; then the index's offset. All big-endian.

/** LuCI's hash of a message (SuperFastHash, with signed bytes where a single one is left over). */
function hash(bytes) {
	if (bytes.length === 0) return 0;
	const pair = (at) => bytes.readUInt16LE(at);
	const left = bytes.length & 3;
	let value = bytes.length;
	let at = 0;
	for (; at + 4 <= bytes.length; at += 4) {
		value = (value + pair(at)) | 0;
		value = (value << 16) ^ ((pair(at + 2) << 11) ^ value);
		value = (value + (value >>> 11)) | 0;
	}
	if (left === 3) {
		value = (value + pair(at)) | 0;
		value ^= value << 16;
		value ^= bytes.readInt8(at + 2) << 18;
		value = (value + (value >>> 11)) | 0;
	} else if (left === 2) {
		value = (value + pair(at)) | 0;
		value ^= value << 11;
		value = (value + (value >>> 17)) | 0;
	} else if (left === 1) {
		value = (value + bytes.readInt8(at)) | 0;
		value ^= value << 10;
		value = (value + (value >>> 1)) | 0;
	}
	for (const [left, right] of [
		[3, 5],
		[4, 17],
		[25, 6],
	]) {
		value ^= value << left;
		value = (value + (value >>> right)) | 0;
	}
	return value >>> 0;
}

/** [message, translation] in the file's order; texts that are not translated are left out. */
export function messagesOf(po) {
	const plain = (text) => text.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter));
	return [...po.matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)]
		.map(([, id, text]) => [plain(id), plain(text)])
		.filter(([, text]) => text !== '');
}

export function lmo(po) {
	const plural = /Plural-Forms: ([^\\"]*)/.exec(po)?.[1];
	const texts = [];
	const index = [];
	let offset = 0;
	const add = (key, kind, text) => {
		const bytes = Buffer.from(text);
		const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
		bytes.copy(padded);
		texts.push(padded);
		index.push([key, kind, offset, bytes.length]);
		offset += padded.length;
	};
	if (plural) add(0, 0, plural);
	for (const [id, text] of messagesOf(po)) if (id !== text) add(hash(Buffer.from(id)), 1, text);
	const numbers = Buffer.alloc(16 * index.length + 4);
	index.sort(([one], [other]) => one - other);
	[...index.flat(), offset].forEach((number, place) => {
		numbers.writeUInt32BE(number, 4 * place);
	});
	return Buffer.concat([...texts, numbers]);
}
