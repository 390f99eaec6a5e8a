module weft.dev/compare/go

go 1.19
