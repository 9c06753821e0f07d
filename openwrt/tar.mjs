// Tar archives as opkg reads them: ustar headers of 512 bytes, no PAX, everything root's.

const blockBytes = 512;

function header({ path, mode, content }, mtime) {
	const name = `.${path === '/' ? '/' : path}${content || path === '/' ? '' : '/'}`;
	if (Buffer.byteLength(name) > 100) throw new Error(`${path} is too long for a tar of this kind`);
	const block = Buffer.alloc(blockBytes);
	const number = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`;
	const put = (text, offset) => block.write(text, offset, 'latin1');
	put(name, 0);
	put(number(mode, 8), 100);
	put(number(0, 8), 108);
	put(number(0, 8), 116);
	put(number(content?.length ?? 0, 12), 124);
	put(number(mtime, 12), 136);
	put(content ? '0' : '5', 156);
	put('ustar\x0000', 257);
	put('root', 265);
	put('root', 297);
	// The sum is taken with blanks in its own place.
	block.fill(' ', 148, 156);
	put(
		`${number(
			block.reduce((sum, byte) => sum + byte, 0),
			7,
		)} `,
		148,
	);
	return block;
}

/** @param entries {path, mode, content?}: without content it is a folder; mtime in seconds, the same for all. */
export function tar(entries, mtime) {
	const blocks = entries.flatMap((entry) => {
		const content = entry.content ?? Buffer.alloc(0);
		return [header(entry, mtime), content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)];
	});
	return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}
