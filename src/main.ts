// argv -> a command -> an exit code. The only place that ends the process.
declare const NETMON_VERSION: string;

process.stdout.write(`netmon ${NETMON_VERSION}\n`);
