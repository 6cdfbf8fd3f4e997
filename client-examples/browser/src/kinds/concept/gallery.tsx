/** The pictures: the first is the concept's face; a click on a small one shows it large. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskButton, AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { Picture } from "../../components/picture";
import type { ConceptRoom } from "./manner";
import type { Image } from "./types";

interface GalleryProps {
  images: readonly Image[];
  name: string;
  /** Where pictures may be added and removed; undefined where they may not. */
  room: ConceptRoom | undefined;
}

export function Gallery({ images, name, room }: GalleryProps): JSX.Element {
  const [chosen, setChosen] = useState("");
  const large = images.find((image) => image.id === chosen) ?? images[0];
  return (
    <div class="gallery">
      <Picture key={large?.id} src={large ? bestOf(large) : ""} alt={name} look="hero" />
      {images.length > 1 && (
        <ul class="thumbs" aria-label="Pictures">
          {images.map((image, index) => (
            <li key={image.id}>
              <button
                type="button"
                class="thumb"
                aria-pressed={image === large}
                aria-label={`Picture ${index + 1} of ${images.length}`}
                onClick={() => setChosen(image.id)}
              >
                <Picture src={versionOf(image, "thumbnail")} alt="" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {room && <GalleryTools room={room} image={large} />}
    </div>
  );
}

function bestOf(image: Image): string {
  return versionOf(image, "desktop");
}

function versionOf(image: Image, size: string): string {
  const version = image.versions[size];
  return typeof version === "string" ? version : image.url;
}

function GalleryTools({ room, image }: { room: ConceptRoom; image: Image | undefined }): JSX.Element {
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="button button-quiet button-small"
          aria-expanded={isAdding}
          onClick={() => setAdding(!isAdding)}
        >
          Add a picture
        </button>
        {image && <AskButton command={() => room.give("remove_image", { image_id: image.id })}>Remove this one</AskButton>}
      </div>
      {isAdding && <AddImage room={room} onDone={() => setAdding(false)} />}
    </>
  );
}

function AddImage({ room, onDone }: { room: ConceptRoom; onDone: () => void }): JSX.Element {
  const [url, setUrl] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await asking.ask(() => room.give("add_image", { url: url.trim() }))) onDone();
  };
  return (
    <form class="form form-line" onSubmit={(event) => void submit(event)}>
      <Field
        label="Address of the picture"
        value={url}
        onValue={setUrl}
        maxLength={2_000}
        input={{ type: "url", placeholder: "https://" }}
        isRequired
      />
      <button type="submit" class="button button-primary" disabled={!url.trim()} aria-busy={asking.isAsking}>
        Add
      </button>
      <AskState asking={asking} />
    </form>
  );
}
