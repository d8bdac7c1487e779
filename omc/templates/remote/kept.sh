# Says what `keep` kept.
if [ -f "$folder/objects" ]; then
  while read -r each; do say "kept $each"; done <"$folder/objects"
fi
finish unchanged
