# Makes of a header what it would be without the seam: std::atomic for weft::atomic, and a bare T for Cell<T>. In `slot.Set(value)`
# the slot is evaluated first, in `slot = value` last; hence the reference.
s|"weft/base/atomic.h"|<atomic>|
/"weft\/base\/cell.h"/d
s/\([^:_[:alnum:]]\)atomic</\1std::atomic</g
s/\([^_[:alnum:]]\)Cell<\([^<>]*\)>/\1\2/g
s/^\( *\)\(.*\)\.Set(\(.*\));$/\1{ auto\& slot = \2; slot = \3; }/
s/\.Get()//g
