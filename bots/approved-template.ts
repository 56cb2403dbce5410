import type { NewMessage } from "#storage";
import type { Deployment } from "#templates";

/** Characters of a template's body with its variables filled in (Meta, "Message templates", components). */
const BODY_LIMIT = 1024;

/**
 * The template that carries `text`, in `language`, to people who have not written within WhatsApp's service window.
 * `filled` is what they read. Undefined: the municipality has none in this language, or the text is too long for it.
 */
export function templateFor(
  text: string,
  language: string,
  { whatsapp }: Pick<Deployment, "whatsapp">,
): { readonly approvedAs: NonNullable<NewMessage["approvedAs"]>; readonly filled: string } | undefined {
  const template = whatsapp.templates[language];
  if (template === undefined) return undefined;
  const filled = template.body.replace("{{1}}", () => text.replace(/\s+/g, " ").trim());
  if (filled.length > BODY_LIMIT) return undefined;
  return { approvedAs: { name: template.name, language: template.language }, filled };
}
