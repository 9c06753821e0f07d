// odhcpd's state, /tmp/hosts/odhcpd up to OpenWrt 24.10 (hosts lines between), /tmp/odhcpd.leases from 25.12 on (src/statefiles.c;
// up to 24.10 src/dhcpv6-ia.c):
//   # br-lan 000100012c... 101f4a57 tablet 1772366400 1f3 128 2001:db8::1f3/128 fd12::1f3/128
//   # br-lan 2:0:5e:10:0:17 ipv4 tablet 1772366400 c0a80117 32 192.168.1.23/32      up to 24.10: 02005e100017
import { deviceAddress, deviceName, expiryOf, type Lease, wholeLines } from './lease.ts';
import { macOfDuid, plainMac } from './leasemac.ts';

/** Of a name that another device has too, or that DNS would not take. */
const broken = '\\x20';

/** Every leased address that the text tells; hosts lines say nothing that is not in the leases, a prefix is no address. */
export function parseOdhcpdLeases(text: string): Lease[] {
	return wholeLines(text).flatMap((line) => leasesOf(line.split(' ')));
}

function leasesOf(fields: readonly string[]): Lease[] {
	const [mark, device, client = '', kind = '', name = '', seconds = '', , , ...addresses] = fields;
	if (mark !== '#' || !device || !/^-?\d{1,12}$/.test(seconds)) return [];
	const isIpv4 = kind === 'ipv4';
	const mac = isIpv4 ? plainMac(client) : macOfDuid(client);
	return addresses.flatMap((text): Lease[] => {
		const [address = '', length] = text.split('/');
		const ip = length === (isIpv4 ? '32' : '128') ? deviceAddress(address) : null;
		if (ip === null || ip.includes(':') === isIpv4) return [];
		return [{ ip, mac, name: nameOf(name), expires: expiryOf(Number(seconds)), by: isIpv4 ? 'lease' : 'guess' }];
	});
}

/** Bytes that are no letter, digit, `-`, `_` or `.` stand as `\xNN` (since 2026-06; before, as they are). */
function nameOf(field: string): string | null {
	const escaped = field.startsWith(`broken${broken}`) ? field.slice(6 + broken.length) : field;
	const bytes = Buffer.from(escaped, 'utf8').toString('latin1');
	const plain = bytes.replace(/\\x([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	return deviceName(Buffer.from(plain, 'latin1').toString('utf8'));
}
