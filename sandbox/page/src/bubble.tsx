import type { Phone, Text, TextStatus } from "../../world.ts";
import { timeOf } from "./clock.ts";

interface Props {
  readonly text: Text;
  readonly phone: Phone;
  readonly onChoose: (id: string) => void;
  readonly onPlace: () => void;
}

const LOST: readonly TextStatus[] = ["undelivered", "failed", "canceled"];
const ARRIVED: readonly TextStatus[] = ["delivered", "read", "received"];

/** One message. What never reached the phone is shown too, dashed, with the carrier's reason. */
export function Bubble({ text, phone, onChoose, onPlace }: Props) {
  const mine = text.direction === "in";
  const lost = LOST.includes(text.status);
  const late = !lost && !ARRIVED.includes(text.status);
  const classes = ["bubble", mine ? "mine" : "theirs", lost ? "lost-text" : "", late ? "late" : ""].join(" ");
  return (
    <li className={classes}>
      <div className="body">
        <span className="hidden">{mine ? `${phone.name}: ` : "Municipality: "}</span>
        {text.media?.map((media) =>
          media.contentType.startsWith("image") ? (
            <img key={media.id} src={media.url} alt="Attached by the sender" />
          ) : (
            <a key={media.id} href={media.url}>
              {media.contentType.startsWith("video") ? "▶ Video" : "Attachment"}
            </a>
          ),
        )}
        {text.location ? (
          <p className="place">
            <span aria-hidden="true">📍</span> {text.location.label ?? "Location"}
            <small>
              {text.location.latitude.toFixed(4)}, {text.location.longitude.toFixed(4)}
            </small>
          </p>
        ) : null}
        {text.body ? <p className="words">{text.body}</p> : null}
        {text.asksLocation ? (
          <button type="button" className="choice" onClick={onPlace}>
            Send location
          </button>
        ) : null}
        <p className="meta">
          {lost ? (
            <strong>
              {text.error
                ? `Not delivered (${text.error.code}): ${text.error.message}`
                : "Cancelled before it was sent"}
            </strong>
          ) : (
            <>
              <time dateTime={text.createdAt}>{timeOf(text.createdAt)}</time>
              {text.channel === "sms" ? (
                <span title={`Encoded as ${text.encoding}`}>
                  {text.segments === 1 ? "1 SMS" : `${text.segments} SMS`}
                  {text.encoding === "UCS-2" ? ", Unicode" : ""}
                </span>
              ) : null}
              <Ticks text={text} />
            </>
          )}
        </p>
      </div>
      {text.options && !lost ? <Options text={text} options={text.options} onChoose={onChoose} /> : null}
    </li>
  );
}

function Options({
  text,
  options,
  onChoose,
}: {
  readonly text: Text;
  readonly options: NonNullable<Text["options"]>;
  readonly onChoose: (id: string) => void;
}) {
  const rows = options.options.map((option) => (
    <button key={option.id} type="button" className="choice" onClick={() => onChoose(option.id)}>
      {option.title}
      {option.description ? <small>{option.description}</small> : null}
    </button>
  ));
  if (options.kind === "buttons") return <div className="choices">{rows}</div>;
  return (
    <details className="choices" name={`list of ${text.id}`}>
      <summary>{options.button ?? "Choose"}</summary>
      {rows}
    </details>
  );
}

function Ticks({ text }: { readonly text: Text }) {
  if (text.direction === "in") {
    const words = {
      pending: "not taken yet",
      taken: "taken by the server",
      refused: "not taken by the server",
    } as const;
    const handed = text.handed ?? "taken";
    return (
      <span className={`ticks ${handed}`} title={`This message was ${words[handed]}`}>
        <span aria-hidden="true">{handed === "taken" ? "✓✓" : handed === "pending" ? "…" : "!"}</span>
        <span className="hidden">{words[handed]}</span>
      </span>
    );
  }
  const sign =
    text.status === "delivered" || text.status === "read" ? "✓✓" : text.status === "sent" ? "✓" : "…";
  return (
    <span className={`ticks ${text.status}`} title={text.status}>
      <span aria-hidden="true">{sign}</span>
      <span className="hidden">{text.status}</span>
    </span>
  );
}
