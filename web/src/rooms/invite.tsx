/** How friends come in: a code to say, a link to send, a picture to scan. */

import qrcode from "qrcode-generator";
import { useMemo } from "preact/hooks";
import { t } from "../language";
import { joinLink } from "../places";
import { attempt, say } from "../ui/toast";

function QrCode({ text }: { text: string }) {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const size = code.getModuleCount();
    const dark = Array.from(
      { length: size * size },
      (_, index) => [index % size, Math.floor(index / size)] as const,
    )
      .filter(([column, row]) => code.isDark(row, column))
      .map(([column, row]) => `M${column} ${row}h1v1h-1z`);
    return { size, path: dark.join("") };
  }, [text]);
  return (
    <svg class="qr" viewBox={`-2 -2 ${size + 4} ${size + 4}`} role="img" aria-label={t("qrCode")}>
      <rect x="-2" y="-2" width={size + 4} height={size + 4} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}

export function Invite({ code }: { code: string }) {
  const link = joinLink(code);
  const share = async () => {
    if (navigator.share) return navigator.share({ title: "Matinee", url: link });
    await navigator.clipboard.writeText(link);
    say(t("linkCopied"));
  };
  return (
    <section class="invite" aria-label={t("invite")}>
      <QrCode text={link} />
      <p>
        <span class="quiet">{t("roomCode")}</span>
        <strong class="code">{code}</strong>
      </p>
      <button type="button" onClick={() => attempt(share)}>
        {t("shareLink")}
      </button>
    </section>
  );
}
