// A machine's interfaces as `os.networkInterfaces()` tells them, from addresses in CIDR form.
import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

export function interfaces(list: Record<string, readonly string[]>): NodeJS.Dict<NetworkInterfaceInfo[]> {
	return Object.fromEntries(
		Object.entries(list).map(([name, cidrs]) => [
			name,
			cidrs.map((cidr): NetworkInterfaceInfo => {
				const address = cidr.split('/')[0]!;
				const base = { address, netmask: '', mac: '00:00:00:00:00:00', internal: name === 'lo', cidr };
				return isIPv4(address) ? { ...base, family: 'IPv4' } : { ...base, family: 'IPv6', scopeid: 0 };
			}),
		]),
	);
}
