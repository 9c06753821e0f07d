// The tables of docs/udp.md written down a second time, by hand: what the codec is compared with. CRC bit by bit.

/** [bytes, value] each, little-endian; a value below 0 in two's complement; an array of bytes as it is. */
export type Field = readonly [1 | 2 | 4 | 8, number | bigint] | Uint8Array;

export function fields(...list: readonly Field[]): Uint8Array {
	const bytes: number[] = [];
	for (const field of list) {
		if (field instanceof Uint8Array) bytes.push(...field);
		else {
			let rest = BigInt.asUintN(field[0] * 8, BigInt(field[1]));
			for (let at = 0; at < field[0]; at++, rest >>= 8n) bytes.push(Number(rest & 0xffn));
		}
	}
	return Uint8Array.from(bytes);
}

/** Header, body and CRC of a version 1 datagram. */
export function sealed(type: number, body: Uint8Array, version = 1): Uint8Array {
	const head = fields(ascii('nmon'), [1, version], [1, type], [2, 8 + body.length + 4], body);
	return fields(head, [4, crcBitByBit(head)]);
}

export function ascii(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function zeros(length: number): Uint8Array {
	return new Uint8Array(length);
}

function crcBitByBit(bytes: Uint8Array): number {
	let crc = 0xffffffffn;
	for (const byte of bytes) {
		crc ^= BigInt(byte);
		for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xedb88320n : crc >> 1n;
	}
	return Number(crc ^ 0xffffffffn);
}
