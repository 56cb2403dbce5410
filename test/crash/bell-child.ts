/** A process that dies without a word as soon as it is asked to look at something. */
import { openBell } from "#storage";

const bell = await openBell(JSON.parse(process.argv[2] ?? "{}"));
bell.answer("outbox", async () => {
  process.stdout.write("heard\n");
  process.kill(process.pid, "SIGKILL");
});
process.stdout.write("listening\n");
