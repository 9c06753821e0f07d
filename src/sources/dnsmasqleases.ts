// dnsmasq's leases, /tmp/dhcp.leases on OpenWrt (`lease_update_file` in its src/lease.c):
//   1772366400 02:00:5e:10:00:17 192.168.1.23 tablet 01:02:00:5e:10:00:17
//   duid 00:01:00:01:...                                 the server's own; the DHCPv6 leases follow
//   1772366400 T270532631 2001:db8::1f3 tablet 00:01:00:01:2c:...
import { deviceAddress, deviceName, expiryOf, type Lease, wholeLines } from './lease.ts';
import { macOfDuid, plainMac } from './leasemac.ts';

/** Every lease that the text tells; a line that is none (`duid`, `agent-info`, `vendorclass`, damage) is passed over. */
export function parseDnsmasqLeases(text: string): Lease[] {
	return wholeLines(text).flatMap((line) => leaseOf(line.split(' ')) ?? []);
}

/** The second field is a MAC, with `20-` and the like before it where it is not Ethernet's, or a DHCPv6 lease's IAID. */
function leaseOf(fields: readonly string[]): Lease | null {
	const [seconds = '', hardware = '', address = '', name = '', client = ''] = fields;
	if (fields.length !== 5 || client === '' || !/^\d{1,12}$/.test(seconds)) return null;
	const ip = deviceAddress(address);
	if (ip === null) return null;
	const known = { ip, name: deviceName(name), expires: expiryOf(Number(seconds)) };
	if (!ip.includes(':')) return { ...known, mac: plainMac(hardware), by: 'lease' };
	return /^T?\d+$/.test(hardware) ? { ...known, mac: macOfDuid(client), by: 'guess' } : null;
}
